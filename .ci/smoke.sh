#!/bin/bash
# Starts the demo, looks whether the box is registered and the shop open, pays, takes the registry away, pays, looks at the
# log and stops it all again; every exit code counts.
# usage: .ci/smoke.sh START SWIPE, such as .ci/smoke.sh 'npm start' 'npx --no-install swipe'
set -euo pipefail
cd "$(dirname "$0")/.."
read -ra start <<<"$1"
read -ra swipe <<<"$2"

dir=$(mktemp -d)
# A demo of its own: whoever runs this may have another one.
export XDG_STATE_HOME="$dir/state"
demo=

tidy() {
  if [[ -n $demo ]]; then kill -KILL -- "-$demo" 2>/dev/null || true; fi
  rm -rf "$dir"
}
trap tidy EXIT

fail() {
  echo "smoke ($1): FAILED: $2"
  echo "--- the demo said:"
  cat "$dir/demo.out"
  exit 1
}

# -m: the demo gets a process group of its own, so that nothing of it can stay behind.
set -m
"${start[@]}" >"$dir/demo.out" 2>&1 &
demo=$!
set +m

# Its last line: the box is registered then, and a sale system paired.
ready() { grep -q 'Ctrl-C ends it' "$dir/demo.out"; }
for ((tries = 0; ; tries += 1)); do
  if ready; then break; fi
  kill -0 "$demo" 2>/dev/null || fail "$1" "the demo ended by itself"
  ((tries < 60)) || fail "$1" "the demo was not ready after $tries tries"
  sleep 0.5
done
# npm would answer for a signal with an exit code of its own, so the demo itself is told.
signal() { kill "-$1" "$(pgrep -n -g "$demo" -f 'swipe\.m?js demo$')"; }

"${swipe[@]}" status >"$dir/status.out" 2>&1 || fail "$1" "status: $(cat "$dir/status.out")"
for line in 'terminal +ready ' 'registration +active$' 'registry +http://127\.0\.0\.1:[0-9]+, answered '; do
  grep -Eq "^$line" "$dir/status.out" || fail "$1" "status does not say $line: $(cat "$dir/status.out")"
done
"${swipe[@]}" registry boxes --config "$XDG_STATE_HOME/swipe/demo/registry.json" >"$dir/boxes.out" 2>&1 ||
  fail "$1" "registry boxes: $(cat "$dir/boxes.out")"
grep -Eq '^SW-.* claimed ' "$dir/boxes.out" || fail "$1" "the registry does not know the box: $(cat "$dir/boxes.out")"

shop=$(sed -n 's/^open in a browser: *//p' "$dir/demo.out")
# Node as the client: it is there in any case.
node -e 'fetch(process.argv[1]).then(async (a) => { if (!a.ok || !(await a.text()).includes("order-1")) process.exit(1); })' \
  "$shop" || fail "$1" "the shop does not answer at $shop"

timeout 60 "${swipe[@]}" pay 100.50 >"$dir/pay.out" 2>&1 || fail "$1" "pay 100.50: $(cat "$dir/pay.out")"
grep -q 'SIMULATED' "$dir/pay.out" || fail "$1" "the receipt does not say SIMULATED: $(cat "$dir/pay.out")"
"${swipe[@]}" log >"$dir/log.out" 2>&1 || fail "$1" "log: $(cat "$dir/log.out")"
grep -q 'approved' "$dir/log.out" || fail "$1" "the log does not show the payment: $(cat "$dir/log.out")"

signal USR2
gone() { grep -q '^registry   stopped' "$dir/demo.out"; }
for ((tries = 0; tries < 50; tries += 1)); do
  if gone; then break; fi
  sleep 0.1
done
gone || fail "$1" "the registry was not stopped"
timeout 60 "${swipe[@]}" pay 20 >"$dir/pay.out" 2>&1 || fail "$1" "pay 20 without the registry: $(cat "$dir/pay.out")"

if "${swipe[@]}" pay 100.505 >"$dir/wrong.out" 2>&1; then fail "$1" "pay 100.505 was not refused"; fi

signal TERM
status=0
wait "$demo" || status=$?
((status == 0)) || fail "$1" "told to stop, the demo ended with exit code $status"
# A zombie only waits for init to notice it; and a child may need a moment to see that its parent is gone.
left() { ps -eo pgid=,stat=,args= | awk -v group="$demo" '$1 == group && $2 !~ /^Z/'; }
for ((tries = 0; tries < 20; tries += 1)); do
  [[ -n $(left) ]] || break
  sleep 0.1
done
[[ -z $(left) ]] || fail "$1" "told to stop, the demo left something running: $(left)"
if "${swipe[@]}" status >/dev/null 2>&1; then fail "$1" "something still answers on the control socket"; fi
demo=
echo "smoke ($1): good"
