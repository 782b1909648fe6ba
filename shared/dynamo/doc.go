// Package dynamo keeps everything in three DynamoDB tables, behind the domain's
// store ports.
package dynamo
