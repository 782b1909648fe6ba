package boot

import "aura.example/integrations/shared/google"

// LocalGoogle reads for the local run where the real Google is, by the same
// variables as the functions: another emulator or a proxy can stand in there too.
// The zero Config where no client id is set: then the simulator serves. Of the
// functions' variables only the secret differs, which is given by itself.
func LocalGoogle(get Getenv) (google.Config, error) {
	if get("GOOGLE_CLIENT_ID") == "" {
		return google.Config{}, nil
	}
	e := open("oauth-callback", get)
	e.function = "the local run"
	c := e.google()
	if c.ClientSecret = get("GOOGLE_CLIENT_SECRET"); c.ClientSecret == "" {
		e.refuse("GOOGLE_CLIENT_SECRET", "is missing: it goes with GOOGLE_CLIENT_ID")
	}
	return c, e.err()
}
