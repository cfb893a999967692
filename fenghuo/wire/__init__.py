"""What goes over the line, as pure values: bytes and texts in, bytes and texts out."""
