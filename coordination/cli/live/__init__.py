"""How an overview looks: `coordination top`.

| room | what lives there |
|---|---|
| panels | from an overview to tables of text, and what to call a change: pure |
| fitting | which lines of them fit |
| programs | an overview as JSON |
| history | the latest changes, from look to look |
| screen | the terminal: drawn again and again, until q |
"""
