#!/bin/bash
# Starts the demo, pays, looks at the log and stops it again; every exit code counts.
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

ready() { "${swipe[@]}" status --json 2>/dev/null | grep -q '"state": "ready"'; }
for ((tries = 0; ; tries += 1)); do
  if ready; then break; fi
  kill -0 "$demo" 2>/dev/null || fail "$1" "the demo ended by itself"
  ((tries < 60)) || fail "$1" "the terminal was not ready after $tries tries"
  sleep 0.5
done

timeout 60 "${swipe[@]}" pay 100.50 >"$dir/pay.out" 2>&1 || fail "$1" "pay 100.50: $(cat "$dir/pay.out")"
grep -q 'SIMULATED' "$dir/pay.out" || fail "$1" "the receipt does not say SIMULATED: $(cat "$dir/pay.out")"
"${swipe[@]}" log >"$dir/log.out" 2>&1 || fail "$1" "log: $(cat "$dir/log.out")"
grep -q 'approved' "$dir/log.out" || fail "$1" "the log does not show the payment: $(cat "$dir/log.out")"
if "${swipe[@]}" pay 100.505 >"$dir/wrong.out" 2>&1; then fail "$1" "pay 100.505 was not refused"; fi

# npm would answer for a signal with an exit code of its own, so the demo itself is told to stop.
kill -TERM "$(pgrep -n -g "$demo" -f 'swipe\.m?js demo$')"
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
