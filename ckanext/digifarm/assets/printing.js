/* Prints the page; without it the menu of the browser does.
 */
this.ckan.module("digifarm-print", {
  initialize: function () {
    this.el[0].hidden = false;
    this.el[0].addEventListener("click", () => window.print());
  },
});
