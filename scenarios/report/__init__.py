"""The trace viewer: a run as a page that people look at, and an index of many.

`recorder` listens to a run and makes `records`; `layout` puts them in their places; `diagram`, `transcript` and `page`
write HTML; `index` writes the folder. The pages need no network, and say the same without JavaScript.
"""
