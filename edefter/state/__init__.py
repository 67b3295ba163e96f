"""Tables, migrations, states and allowed transitions, audit chain."""
