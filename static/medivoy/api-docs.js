"use strict";

const swagger = document.getElementById("swagger-ui");
const reference = document.getElementById("redoc");

if (swagger) {
  SwaggerUIBundle({
    url: swagger.dataset.schema,
    domNode: swagger,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    docExpansion: "none",
  });
}
if (reference) {
  // ReDoc shows its maker's logo from a CDN. Nothing here is loaded from elsewhere: the picture is left out.
  const isOurs = (url) => new URL(url, location).origin === location.origin;
  const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  Object.defineProperty(HTMLImageElement.prototype, "src", {
    ...source,
    set(url) {
      if (isOurs(url)) source.set.call(this, url);
    },
  });
  HTMLImageElement.prototype.setAttribute = function (name, value) {
    if (name !== "src" || isOurs(value)) Element.prototype.setAttribute.call(this, name, value);
  };
  const font = "system-ui, sans-serif";
  Redoc.init(
    reference.dataset.schema,
    { theme: { typography: { fontFamily: font, headings: { fontFamily: font } } } },
    reference,
  );
}
