"""From what was read to what is written: evaluate batch after batch, on several cores, with flat memory."""
