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
  const font = "system-ui, sans-serif";
  Redoc.init(
    reference.dataset.schema,
    { theme: { typography: { fontFamily: font, headings: { fontFamily: font } } } },
    reference,
  );
}
