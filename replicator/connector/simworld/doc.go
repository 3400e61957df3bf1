// Package simworld is the ground that the simulators stand on: one seeded world
// of goods, warehouses, customers and orders that each simulator shows in its own
// protocol, a clock that can run faster than real time, and faults that can be
// injected before any simulator.
//
// It knows no protocol and imports no connector.
package simworld
