# Runs Postgres ("$@") until it ends by itself or the pipe on descriptor 3 does.
# A name written to the pipe is answered by a file seen.<name> in $ACKS: whoever sees the
# answer while holding the pipe's other end knows that the cluster lives for as long as it holds on.
"$@" 3<&- 4<&- &
server=$!
( while read -r name; do : >"$ACKS/seen.$name"; done <&3; kill -INT "$server" 2>/dev/null ) 4<&- &
watch=$!
wait "$server"
code=$?
kill "$watch" 2>/dev/null
[ -z "$OUTSIDE" ] || rm -rf "$ACKS" # a socket folder outside the cluster's own; the lock on descriptor 4 is still held
exit "$code"
