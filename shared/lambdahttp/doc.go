// Package lambdahttp lets an http.Handler answer API Gateway: it turns an HTTP
// API event (payload format 2.0) into a request, and the handler's answer into
// the reply that API Gateway sends on.
//
// # What API Gateway does to a request
//
//   - Cookies arrive apart from the headers, and leave apart from them.
//   - A header or query parameter that was repeated is one, joined by commas; the
//     raw query string has them as they came, so that is what is read.
//   - The raw path begins with the stage's name, but for $default's; a handler
//     knows nothing of stages.
//   - Bodies that aren't text are base64, both ways.
//   - Where a JWT authorizer stands in front, its verified claims are in the
//     event and nowhere in the request. They travel in the context (Claims): a
//     header could be sent by anybody.
//
// Format: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
//
// # Failure
//
// An event that can't be a request is answered with 400, a handler that panics
// with 500; neither is an error of the function, which Lambda would count, retry
// where the event came asynchronously, and answer with 500 and no word.
package lambdahttp
