"""Takes the README's picture of the watch page, on Linux on x86_64: the browser comes from npm."""
