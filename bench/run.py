"""Measure couveuse beside a bare page of the same content: ``python bench/run.py``.

See README.md in this folder for what is measured and why.
"""

import argparse
import platform
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    sys.path.insert(1, str(ROOT))  # from a checkout, installed or not
    from parts import PARTS
    from season import season
    from stage import Stage
    from table import Table

    parts = PARTS | {"season": season}
    options = _options(list(parts))
    folder = options.keep or Path(tempfile.mkdtemp(prefix="couveuse-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # the cluster's own account must be able to walk through
    stage, table = Stage(folder), Table()
    print(f"Python {platform.python_version()}, {platform.processor() or platform.machine()}")
    try:
        for name, part in parts.items():
            if not options.only or name in options.only:
                part(stage, table, options)
    finally:
        stage.close()
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(table.show())


def _options(parts: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=parts, help="measure these parts alone")
    parser.add_argument("--rounds", type=int, default=7, help="rounds, product and bare in turn")
    parser.add_argument("--requests", type=int, default=80, help="requests of each in a round")
    parser.add_argument("--lines", type=int, default=4, help="connections kept open at once")
    parser.add_argument("--keep", type=Path, help="folder to keep the filled databases in")
    parser.add_argument("--statements", action="store_true", help="print the SQL that was counted")
    return parser.parse_args()


if __name__ == "__main__":
    main()
