"""Prints the rows of a query as JSON lines: query.py WAREHOUSE SQL."""

import json
import sys

import duckdb

if __name__ == "__main__":
    result = duckdb.connect(sys.argv[1], read_only=True).execute(sys.argv[2])
    names = [column[0] for column in result.description]
    for row in result.fetchall():
        print(json.dumps(dict(zip(names, row, strict=True)), default=str))
