"""One look at everything in a namespace: for people who operate it, never for deciding.

| room | what lives there |
|---|---|
| model | what such a look shows |
| parsing | from the records of each kind to the model: a pure function |
| survey | making the look: one list for each kind |
| comparing | who lost or got what between two looks |
"""
