/* A combobox that completes the name of something on the portal.
 *
 * Follows the ARIA pattern "editable combobox with list autocomplete":
 * https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
 *
 * source  - address that answers ?q=… with [{name, title, organization}]
 * found   - what to say before the number of suggestions
 * nothing - what to say where nothing matches
 * field   - name of the field that sends what was picked
 * chosen  - id of the element that gets a checkbox for each thing that was
 *           picked, where several can be
 * added   - what to say before its title then
 */
this.ckan.module("digifarm-picker", function ($) {
  "use strict";

  const DELAY = 200; // milliseconds after the last key

  return {
    options: { source: null, found: "", nothing: "", field: "linked", chosen: null, added: "" },

    initialize: function () {
      this.input = this.el[0].querySelector("input[type=text]");
      this.value = this._append("input", { type: "hidden" });
      this.list = this._append("ul", {
        id: this.input.id + "-list",
        role: "listbox",
        class: "digifarm-listbox list-group shadow",
        "aria-label": this.options.found,
        hidden: "",
      });
      this.status = this._append("div", {
        class: "visually-hidden",
        role: "status",
      });
      this.el[0].classList.add("position-relative");
      for (const [name, value] of Object.entries({
        role: "combobox",
        "aria-autocomplete": "list",
        "aria-controls": this.list.id,
        "aria-expanded": "false",
      })) {
        this.input.setAttribute(name, value);
      }
      this.active = -1;
      this.input.addEventListener("input", () => this._onInput());
      this.input.addEventListener("keydown", (event) => this._onKey(event));
      this.input.addEventListener("blur", () => this._close());
    },

    _append: function (tag, attributes) {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) {
        element.setAttribute(name, value);
      }
      return this.el[0].appendChild(element);
    },

    _onInput: function () {
      this.value.removeAttribute("name");
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this._search(), DELAY);
    },

    _search: async function () {
      const query = this.input.value.trim();
      if (!query) {
        return this._close();
      }
      const source = new URL(this.options.source, window.location.href);
      source.searchParams.set("q", query);
      try {
        const response = await fetch(source, { credentials: "same-origin" });
        const found = response.ok ? await response.json() : [];
        // An answer that comes late must not replace a newer one, nor open
        // the list again.
        if (
          query === this.input.value.trim() &&
          document.activeElement === this.input
        ) {
          this._show(found);
        }
      } catch (error) {
        this._close();
      }
    },

    _show: function (found) {
      this.active = -1;
      this.list.replaceChildren(
        ...found.map((item, index) => this._option(item, index))
      );
      this._expand(found.length > 0);
      this.status.textContent = found.length
        ? this.options.found + " " + found.length
        : this.options.nothing;
    },

    _option: function (item, index) {
      const option = document.createElement("li");
      option.id = this.list.id + "-" + index;
      option.className = "list-group-item list-group-item-action";
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.name = item.name;
      option.dataset.title = item.title;
      option.textContent = item.organization
        ? item.title + " (" + item.organization + ")"
        : item.title;
      // Before the field loses the focus and the list closes.
      option.addEventListener("mousedown", (event) => {
        event.preventDefault();
        this._pick(option);
      });
      return option;
    },

    _onKey: function (event) {
      const options = this.list.children;
      const open = !this.list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open) {
          return this._search();
        }
        const step = event.key === "ArrowDown" ? 1 : -1;
        // Up from the field leads to the last one.
        const from = this.active < 0 && step < 0 ? 0 : this.active;
        this._activate((from + step + options.length) % options.length);
      } else if (event.key === "Enter" && open && this.active >= 0) {
        event.preventDefault();
        this._pick(options[this.active]);
      } else if (event.key === "Escape" && open) {
        event.preventDefault();
        this._close();
      }
    },

    _activate: function (index) {
      Array.from(this.list.children).forEach((option, position) => {
        const selected = position === index;
        option.classList.toggle("active", selected);
        option.setAttribute("aria-selected", String(selected));
        if (selected) {
          option.scrollIntoView({ block: "nearest" });
          this.input.setAttribute("aria-activedescendant", option.id);
        }
      });
      this.active = index;
    },

    _pick: function (option) {
      if (this.options.chosen) {
        this._choose(option);
        this.input.value = "";
        return this._close();
      }
      this.input.value = option.dataset.title;
      this.value.value = option.dataset.name;
      this.value.name = this.options.field;
      // Others may wait for what it holds now.
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
      this._close();
    },

    _choose: function (option) {
      const chosen = document.getElementById(this.options.chosen);
      const boxes = Array.from(chosen.querySelectorAll("input"));
      const known = boxes.find((box) => box.value === option.dataset.name);
      if (known) {
        known.checked = true;
        return;
      }
      const row = chosen.appendChild(document.createElement("div"));
      const box = row.appendChild(document.createElement("input"));
      const label = row.appendChild(document.createElement("label"));
      row.className = "form-check";
      box.className = "form-check-input";
      box.type = "checkbox";
      box.name = this.options.field;
      box.value = option.dataset.name;
      box.checked = true;
      box.id = this.input.id + "-chosen-" + boxes.length;
      label.className = "form-check-label";
      label.htmlFor = box.id;
      label.textContent = option.dataset.title;
      this.status.textContent =
        this.options.added + " " + option.dataset.title;
    },

    _expand: function (open) {
      this.list.hidden = !open;
      this.input.setAttribute("aria-expanded", String(open));
      this.input.removeAttribute("aria-activedescendant");
    },

    _close: function () {
      clearTimeout(this.timer);
      this._expand(false);
    },
  };
});
