"""What is true, on which date, according to whom: codes, records, editions, documents, and the search over them."""
