"""The dojos: sandboxes in which one works with the real git and the real shell, judged by what is there afterwards."""
