"""Its successor, which drops a column that older code reads, and says so."""
