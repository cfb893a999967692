"""Every door × every post × another organisation's things (FAULTS X7): generated from the addresses that exist, not from a list."""
