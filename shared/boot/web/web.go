// Package web wires what every function behind API Gateway shares: the edge of
// package httpapi, and Lambda in front of it.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/jwtauth"
	"aura.example/integrations/shared/lambdahttp"
	"aura.example/integrations/shared/telemetry"
)

// Edge makes the edge of a function that asks for tokens: the authorizer's
// claims where there are any, else its own verifier where one is configured,
// else nobody gets in.
func Edge(f boot.Function, a boot.Access, log *slog.Logger) (httpapi.Edge, error) {
	e := Open(f, log)
	e.Origins = a.Origins
	e.Auth = httpapi.Authorize{Gateway: lambdahttp.Claims, Names: a.Names}
	if a.Tokens != nil {
		v, err := jwtauth.New(*a.Tokens, time.Now)
		if err != nil {
			return e, err
		}
		e.Auth.Verifier = v
	}
	return e, nil
}

// Open makes the edge of a function whose routes ask for none. If one did by
// mistake, nobody would get in.
func Open(f boot.Function, log *slog.Logger) httpapi.Edge {
	watch := Watch(f, log)
	return httpapi.Edge{
		Log: log, Now: time.Now, NewID: boot.NewID,
		Observe: func(ctx context.Context, o httpapi.Observed) { watch.Request(ctx, f.Name, o.Status, o.Took) },
	}
}

// Watch makes what measures a function.
func Watch(f boot.Function, log *slog.Logger) *telemetry.Watch {
	return telemetry.NewWatch(log, telemetry.NewEmitter(os.Stdout, time.Now).In(f.Metrics), time.Now)
}

// Log makes a function's logger.
func Log(f boot.Function) *slog.Logger { return telemetry.NewLogger(os.Stdout, f.LogLevel, f.Name) }

// Serve answers API Gateway. It doesn't return while the sandbox lives.
func Serve(h http.Handler, log *slog.Logger) { lambda.Start(lambdahttp.New(h, log)) }
