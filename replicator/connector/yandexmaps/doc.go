// Package yandexmaps asks the Yandex geocoder what an address text means.
//
// One GET per address. The key and the address travel in the query, which is
// never recorded, and the answer repeats the address, so it is not recorded
// either (invariant 11). The service only reads: no answer means nothing was done
// and every lost call may be repeated.
//
// An address is resolved only when the best candidate is precise enough and no
// other, different candidate is equally precise; else it is ambiguous or not
// found, and a person decides. Nothing found is an answer (status 200), not an
// error. The free quota is 1000 calls a day; the client keeps count and answers
// throttled before the service has to.
package yandexmaps
