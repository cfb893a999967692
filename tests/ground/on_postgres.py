"""A pytest plugin (`-p tests.ground.on_postgres`) for a test process whose data folder has its database in PostgreSQL.

Loaded after tests.environment has put the operator's settings away.
"""

import os

os.environ["FENGHUO_DATABASE_URL"] = os.environ["POSTGRES_FOR_TESTS"]
if "LEDGER_FOR_TESTS" in os.environ:
    os.environ["FENGHUO_LEDGER_URL"] = os.environ["LEDGER_FOR_TESTS"]
# A test is one transaction from its beginning to its end, whatever it looks at meanwhile: who is silent there is not lost.
os.environ["FENGHUO_LEASE_SECONDS"] = "120"
