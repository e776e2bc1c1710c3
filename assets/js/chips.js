// Chips: the checked radio button is the value, and the value checks its radio button.
const show = () => {
  for (const input of element.querySelectorAll("input")) input.checked = input.value === props.value;
};
element.addEventListener("change", (event) => { props.value = event.target.value; });
watch(["value", "choices"], show);
show();
