// The same start in Node with Google's own client, the Calendar alone or all of
// googleapis: load it, build a client, ask for work.
const loaded = require(process.env.GOOGLEAPIS)
const { calendar, auth } = loaded.google ?? loaded
const client = calendar({ version: 'v3', auth: new auth.OAuth2('id', 'secret', 'https://example.com/callback') })
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')
require('http').get({ host, port, path: '/2018-06-01/runtime/invocation/next' }, () => client)
