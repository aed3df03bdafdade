#!/usr/bin/env bash
# Runs `tawsim score` with the inputs of the action, tells the outputs, and ends with the command's own exit code.
set -uo pipefail

arguments=(score "$MODEL" --data "$DATA" --out "$OUT")
[ -z "$SPLIT" ] || arguments+=(--split "$SPLIT")
[ -z "$GATES" ] || arguments+=(--gates "$GATES")
[ -z "$BASELINE" ] || arguments+=(--baseline "$BASELINE")
[ -z "$LABEL_MAP" ] || arguments+=(--label-map "$LABEL_MAP")
while IFS= read -r line; do [ -z "$line" ] || arguments+=(--option "$line"); done <<< "$OPTIONS"
while IFS= read -r line; do [ -z "$line" ] || arguments+=("$line"); done <<< "$ARGUMENTS"

# What an earlier run left must not be taken for this one's.
rm -f -- "$OUT/result.json" "$OUT/gates.json"
tawsim "${arguments[@]}"
code=$?

python - "$OUT" >> "$GITHUB_OUTPUT" <<'PYTHON' || exit 2
import json
import pathlib
import sys

out = pathlib.Path(sys.argv[1])
result, gates = out / "result.json", out / "gates.json"
if result.is_file():
    found = json.loads(result.read_bytes())
    f1 = (found["scores"][found["headline"]]["micro"] or {}).get("f1")
    print(f"f1={'' if f1 is None else f1}", f"status={found['status']}", sep="\n")
    print(f"result={result}", f"report={out / 'report.html'}", f"comment={out / 'comment.md'}", sep="\n")
verdict = json.loads(gates.read_bytes())["verdict"] if gates.is_file() else "none"
print(f"verdict={verdict}")
PYTHON
exit "$code"
