"""The page that `prp report` writes: one HTML file, with nothing to fetch and nothing to run."""
