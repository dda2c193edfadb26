"""The seed tasks shipped with selfinstruct."""
