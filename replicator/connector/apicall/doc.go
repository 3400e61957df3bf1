// Package apicall is the one way in which connectors make an HTTP call: rate
// limit, timeout that says whose it was, bounded body, classification of what
// the network did, recording without secrets.
//
// The answer to "was it carried out?" is the point of the package: an error
// before the request left is Transient, an error after it left is Unknown for a
// call that writes and Transient for one that only reads.
package apicall
