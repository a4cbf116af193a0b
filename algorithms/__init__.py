"""Learning algorithms, one a page, as generators over explicit state; they know no environment, file or screen."""
