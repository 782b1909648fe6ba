// The same start in Node with Google's own Calendar client: load it, build a
// client, ask for work.
const { calendar, auth } = require(process.env.GOOGLEAPIS_CALENDAR)
const client = calendar({ version: 'v3', auth: new auth.OAuth2('id', 'secret', 'https://example.com/callback') })
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')
require('http').get({ host, port, path: '/2018-06-01/runtime/invocation/next' }, () => client)
