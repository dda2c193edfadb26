"""Inside of the sandbox: what runs in the process that an answer's code is run by. Nothing here needs a package."""
