"""PlantUML to pictures without Java, network or browser.

PlantUML's own engine, compiled to JavaScript, runs in V8 (mini-racer) in a child process (``child``,
``isolate``). A drawing that does not end cannot be interrupted from inside, so the parent's side of the child
(``process``) ends the child itself. A ``pool`` of such processes takes requests from a queue and makes equal
requests once. ``renderer`` turns a text into requests and answers into pictures or errors: it splits the
text (``blocks``), expands ``!include`` of documents (``includes``), puts complaints into words (``explain``,
``wording``), and asks a ``backend`` of the user's for what the engine lacks, whose SVG it cleans (``clean``).
PNG is resvg's, PDF vl-convert's (``raster``). ``simple`` is ``plant.render``.

The package is not called ``render``, because ``jupyter_plant_together.render`` is a function.
"""
