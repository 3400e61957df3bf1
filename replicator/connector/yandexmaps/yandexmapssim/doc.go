// Package yandexmapssim is a geocoder that knows the addresses of one world. It
// answers in the shape of the real service, read from its documentation and from
// recorded replies, and knows nothing of the package that asks.
package yandexmapssim
