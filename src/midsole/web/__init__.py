"""The pages and the JSON API: they ask actions, and draw what these answer."""
