"""Gateways: one room per protocol, blind to each other; a gateway hands values back and never writes the ledger."""
