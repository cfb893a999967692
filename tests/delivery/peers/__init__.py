"""Programs of others that speak SMPP, as the other side of the line."""
