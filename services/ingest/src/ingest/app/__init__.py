"""What ingest does: verbs over the store and the domain, inside a transaction of the edge."""
