"""Ask for known weaknesses of the locked packages: ``make audit``.

pip-audit asks the advisory service of PyPI. Where that cannot be reached, or does not know a
package, nothing was checked, and that is said: no answer is not a clean bill. Exit status 1 for a
weakness, 3 where anything could not be checked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).with_name("uv")
AUDIT = ["tool", "run", "--from", "pip-audit==2.10.1", "pip-audit", "--disable-pip",
         "--require-hashes", "--progress-spinner", "off", "--format", "json"]  # fmt: skip


def verdict(report: str, status: int, said: str) -> tuple[int, list[str]]:
    """What a report of pip-audit comes to: an exit status, and lines."""
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (said.strip().splitlines() or ["no answer"])[-1]
        return 3, [f"not checked: the advisory service did not answer (status {status}: {last})"]
    weak = [
        f"{p['name']} {p['version']}: {v['id']}, mended in {', '.join(v['fix_versions']) or 'none'}"
        for p in packages
        for v in p.get("vulns", [])
    ]
    unknown = [p["name"] for p in packages if "skip_reason" in p]
    lines = [*weak, f"{len(packages) - len(unknown)} packages checked, {len(weak)} weaknesses"]
    if unknown or not packages:
        lines.append(
            f"not checked: {len(unknown)} packages that the service does not know from here"
        )
    return (1 if weak else 3 if unknown or not packages else 0), lines


def main() -> None:
    """Audit the lock; the script of the site has no packages of its own."""
    lock = ROOT / "requirements-dev.txt"
    done = subprocess.run(
        [str(UV), *AUDIT, "--requirement", str(lock)], capture_output=True, text=True, check=False
    )
    status, lines = verdict(done.stdout, done.returncode, done.stderr)
    print("\n".join(lines))
    if (ROOT / "package-lock.json").is_file():
        node = subprocess.run(["npm", "audit"], cwd=ROOT, check=False).returncode
        status = status or node
    else:
        print("no package-lock.json: the site's script has no packages of its own")
    sys.exit(status)


if __name__ == "__main__":
    main()
