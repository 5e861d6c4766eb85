/* Copies what stands in a field, and says so. Without it one does so by hand.
 */
this.ckan.module("digifarm-share", {
  initialize: function () {
    const field = this.el[0].querySelector("input, textarea");
    const button = this.el[0].querySelector("button");
    const words = button.querySelector("span");
    const status = this.el[0].querySelector("[role=status]");
    const copied = this.el[0].dataset.copied;
    button.hidden = false;
    button.addEventListener("click", () => {
      const say = () => {
        words.textContent = copied;
        status.textContent = copied;
      };
      const byHand = () => {
        field.select();
        if (document.execCommand("copy")) {
          say();
        }
        button.focus();
      };
      // Browsers have it on pages by HTTPS only.
      if (navigator.clipboard) {
        navigator.clipboard.writeText(field.value).then(say, byHand);
      } else {
        byHand();
      }
    });
  },
});
