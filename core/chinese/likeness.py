"""Chinese for what is said of pictures that are alike, of collections and of bundles."""

from __future__ import annotations

LIKENESS = {
    "The model that compares pictures cannot be loaded from “{source}”. Tell the operator: it is what likeness names in models.toml.": (
        "无法从“{source}”加载比较图片的模型。请告诉运营者：它由 models.toml 中的 likeness 指定。"
    ),
}
