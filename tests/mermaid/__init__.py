"""What is drawn as Mermaid, read by Mermaid's own parser."""
