"""How other people run the collection: from a repository of their own, with habits of their own."""
