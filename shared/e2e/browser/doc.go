// Package browser proves the page from where its users sit: in a real Chromium,
// against every function in one process and the Google simulator.
//
// There is nothing here but tests. A world is one running program; a tab is one
// window of a person, with storage of its own, that fails its test by itself if
// the page breaks its Content-Security-Policy, throws, logs an error or asks
// anybody else for anything. Tabs are driven by what a person sees: buttons by
// their names, by mouse or by keyboard.
//
// The stores are in memory: what DynamoDB keeps is proved elsewhere, and a
// browser under two busy cores needs what a JVM would take.
//
// Screenshots are written to .artifacts/screenshots. They are to be looked at;
// nothing compares them.
package browser
