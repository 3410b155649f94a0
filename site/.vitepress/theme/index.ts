import { useData } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import { h } from "vue";
import cuts from "../../../docs/pictures/formats/cuts.svg?url";
import "./custom.css";

/** The picture beside the title of the first page. */
function heroImage() {
  const { lang } = useData();
  return h("img", {
    class: "hero-cuts",
    src: cuts,
    alt: lang.value === "en"
      ? "Four reads of a stream: nothing yet, then hello, world and 你好, each from the read with its last byte"
      : "一个流的四次读取：第一次还没有消息，然后是 hello、world 和 你好，各在收到最后一个字节时给出",
  });
}

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { "home-hero-image": heroImage }),
};
