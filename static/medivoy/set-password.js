// The link's token stands behind the #, which no server and no log sees. It goes into the form and out of the address.
const field = document.querySelector('[data-token-form] input[name="token"]');
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  field.value = token;
  history.replaceState(null, "", location.pathname);
}
document.querySelector("[data-no-token]").hidden = Boolean(field.value);
