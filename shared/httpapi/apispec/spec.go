package apispec

import _ "embed"

// YAML is the contract, OpenAPI 3.1, as it is served. Callers must not change it.
//
//go:embed openapi.yaml
var YAML []byte
