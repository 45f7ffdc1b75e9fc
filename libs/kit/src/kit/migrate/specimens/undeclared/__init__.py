"""Its successor, which drops a column and does not say so."""
