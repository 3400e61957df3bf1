// Package replicator says how a committed change of the canonical schema reaches
// another system: the words that the engine (wal, delivery, intake) and the
// connectors share, and the flow table of the mission as data.
//
// A change of (entity, system A, key) wakes every flow "entity: A → B". Delivery
// is level-triggered: it makes system B hold what A holds for that key, reading
// the canonical rows when it sends, so what is sent is always whole and current.
package replicator
