/* Ticks "another one" where somebody writes a licence, and empties what is
 * written where they choose one of the common ones.
 */
this.ckan.module("digifarm-license", {
  initialize: function () {
    const written = this.el[0].querySelector("input[type=text]");
    const other = this.el[0].querySelector("input[value=other]");
    written.addEventListener("input", () => {
      if (written.value.trim()) {
        other.checked = true;
      }
    });
    this.el[0].addEventListener("change", (event) => {
      if (event.target.type === "radio" && event.target !== other) {
        written.value = "";
      }
    });
  },
});
