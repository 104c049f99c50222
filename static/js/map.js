// Maps of plots. Each stands beside a list or a form that says the same without it.
(() => {
  "use strict";
  const FRANCE = [[42.3, -4.8], [51.1, 8.2]];
  const L = window.L;

  async function outlines(source) {
    const answer = await fetch(source, { headers: { accept: "application/geo+json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  const PLACED = /^(band|[xl]\d+|joined|open-\w+)$/; // where a band stands on its board

  // Who holds each plot, in the colours of the board beside the map when there is one.
  function looksOf(place) {
    const board = document.getElementById(place.dataset.board);
    const looks = [...(board?.querySelectorAll("[aria-current=date]") ?? [])].map((band) => [
      band.closest("[data-plot]").dataset.plot,
      {
        look: [...band.classList].filter((one) => !PLACED.test(one)).join(" "),
        said: band.querySelector("b").textContent,
      },
    ]);
    return Object.fromEntries(looks);
  }

  function popup(about, look) {
    const box = document.createElement("div");
    const link = document.createElement("a");
    link.href = about.url;
    link.textContent = about.nom ? `${about.code} · ${about.nom}` : about.code;
    box.append(link);
    for (const text of [look.said, about.lieu]) {
      if (!text) continue;
      const line = document.createElement("p");
      line.textContent = text;
      box.append(line);
    }
    return box;
  }

  function shapes(collection, looks, free, isOwn) {
    const lookOf = (feature) => looks[feature.id] ?? { look: "", said: free };
    return L.geoJSON(collection, {
      filter: (feature) => !isOwn(feature),
      style: (feature) => ({ className: `plot-shape ${lookOf(feature).look}`, weight: 2 }),
      onEachFeature: (feature, layer) => {
        const look = lookOf(feature);
        layer.bindPopup(() => popup(feature.properties, look));
        const code = document.createTextNode(feature.properties.code);
        const label = document.createElement("span");
        label.append(code);
        layer.bindTooltip(label, { permanent: true, direction: "center", className: "plot-code" });
        layer.pm?.setOptions?.({ allowEditing: false, allowRemoval: false });
        layer.options.pmIgnore = true;
      },
    });
  }

  function ground(map, address) {
    if (!address) return;
    const host = new URL(address).hostname;
    const credit = host.endsWith("geopf.fr") ? "© IGN – Géoplateforme" : host;
    // A tile that does not come leaves plain paper: the outlines still show.
    L.tileLayer(address, { maxZoom: 20, maxNativeZoom: 19, attribution: credit }).addTo(map);
  }

  function fit(map, ...layers) {
    const box = L.latLngBounds([]);
    map.closePopup();
    layers.forEach((layer) => layer && box.extend(layer.getBounds()));
    map.fitBounds(box.isValid() ? box.pad(0.15) : FRANCE, { animate: false, maxZoom: 18 });
  }

  // --- sites that lie far apart: from afar a dot with a name, and a button to go to each

  const NEAR = 14; // the zoom from which plots are more than a speck
  const APART = 2000; // metres between two places of one site

  function bySite(around) {
    const sites = new Map();
    around.eachLayer((layer) => {
      const name = layer.feature.properties.lieu;
      sites.set(name, [...(sites.get(name) ?? []), layer]);
    });
    const byName = ([one], [other]) => one.localeCompare(other);
    return [...sites].sort(byName).flatMap(([name, layers]) => {
      const groups = clusters(layers);
      const named = (group) => (groups.length > 1 ? `${name} · ${codes(group)}` : name);
      return groups.map((group) => ({ name: named(group), group: L.featureGroup(group) }));
    });
  }

  // An archipelago lies in several places: each is found by itself, whatever plot comes first.
  function clusters(layers) {
    const middle = (layer) => layer.getBounds().getCenter();
    let found = [];
    for (const layer of layers) {
      const isNear = (other) => middle(layer).distanceTo(middle(other)) < APART;
      const near = found.filter((group) => group.some(isNear));
      const far = found.filter((group) => !near.includes(group));
      found = [...far, [...near.flat(), layer]];
    }
    return found.map((group) => group.sort(byCode)).sort(([one], [other]) => byCode(one, other));
  }

  const codeOf = (layer) => layer.feature.properties.code;

  function byCode(one, other) {
    return codeOf(one).localeCompare(codeOf(other), undefined, { numeric: true });
  }

  function codes(group) {
    const few = group.slice(0, 3).map(codeOf).join(", ");
    return group.length > 3 ? `${few}…` : few;
  }

  function dots(map, sites) {
    const group = L.layerGroup();
    for (const { name, group: plots } of sites) {
      const label = document.createElement("span");
      label.textContent = name;
      L.circleMarker(plots.getBounds().getCenter(), { className: "plot-shape site-dot", radius: 9 })
        .bindTooltip(label, { permanent: true, direction: "right", className: "plot-code" })
        .on("click", () => fit(map, plots))
        .addTo(group);
    }
    const turn = () => {
      const far = map.getZoom() < NEAR;
      map.getContainer().classList.toggle("is-far", far);
      return far ? group.addTo(map) : group.remove();
    };
    map.on("zoomend", turn);
    turn();
  }

  // Below the map: above it they would hide the land on a phone.
  function buttons(map, sites) {
    const place = map.getContainer();
    const box = document.createElement("div");
    box.className = "chips map-sites";
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", place.dataset.places);
    for (const { name, group } of sites) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "chip";
      button.textContent = name;
      button.addEventListener("click", () => fit(map, group));
      box.append(button);
    }
    place.after(box);
  }

  function arrange(map, around) {
    const sites = bySite(around);
    fit(map, around);
    if (sites.length < 2) return;
    const size = ({ group }) => group.getLayers().length;
    if (map.getZoom() < NEAR) fit(map, sites.reduce((a, b) => (size(b) > size(a) ? b : a)).group);
    dots(map, sites);
    buttons(map, sites);
  }

  // --- drawing

  function rounded(value) {
    return Array.isArray(value) ? value.map(rounded) : Math.round(value * 1e7) / 1e7;
  }

  function count(geometry) {
    const rings = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    return rings.flat(1).reduce((sum, ring) => sum + ring.length - 1, 0);
  }

  function asGeometry(group) {
    const polygons = group.getLayers().flatMap((layer) => {
      const { type, coordinates } = layer.toGeoJSON(15).geometry;
      return type === "MultiPolygon" ? coordinates : [coordinates];
    });
    if (!polygons.length) return null;
    return polygons.length === 1
      ? { type: "Polygon", coordinates: rounded(polygons[0]) }
      : { type: "MultiPolygon", coordinates: rounded(polygons) };
  }

  function readOutline(text, group) {
    group.clearLayers();
    try {
      const read = JSON.parse(text);
      L.geoJSON(read, { style: { className: "plot-shape drawn", weight: 3 } }).eachLayer((layer) =>
        layer instanceof L.Polygon ? group.addLayer(layer) : null,
      );
    } catch {
      // What is typed may be half done; the server says what is wrong with it.
    }
  }

  function letDraw(map, place) {
    const field = document.getElementById(place.dataset.draw);
    const state = place.parentElement.querySelector("[data-map-state]");
    const group = L.featureGroup().addTo(map);
    const changed = () => {
      const geometry = asGeometry(group);
      field.value = geometry ? JSON.stringify(geometry) : "";
      state.textContent = geometry
        ? place.dataset.drawn.replace("{n}", count(geometry))
        : place.dataset.erased;
    };
    const watch = (layer) => layer.on("pm:edit pm:update pm:cut pm:dragend pm:rotateend", changed);
    map.pm.setLang(place.dataset.language === "en" ? "en" : "fr");
    map.pm.addControls({
      position: "topleft",
      drawMarker: false,
      drawCircleMarker: false,
      drawPolyline: false,
      drawCircle: false,
      drawText: false,
    });
    // Its buttons have a title on their frame only: say it on the link that is focused.
    for (const button of place.querySelectorAll(".leaflet-buttons-control-button")) {
      button.setAttribute("aria-label", button.parentElement.title);
    }
    map.pm.setGlobalOptions({ layerGroup: group, allowSelfIntersection: false, snapDistance: 15 });
    map.pm.setPathOptions({ className: "plot-shape drawn", weight: 3 });
    readOutline(field.value, group);
    group.eachLayer(watch);
    map.on("pm:create pm:cut", (event) => {
      if (event.originalLayer) group.removeLayer(event.originalLayer);
      group.addLayer(event.layer);
      watch(event.layer);
      changed();
    });
    map.on("pm:remove", (event) => {
      group.removeLayer(event.layer);
      changed();
    });
    field.addEventListener("change", () => {
      readOutline(field.value, group);
      group.eachLayer(watch);
      if (group.getLayers().length) fit(map, group);
    });
    return group;
  }

  async function show(place) {
    place.hidden = false;
    const map = L.map(place, { zoomControl: false, maxZoom: 20 });
    map.attributionControl.setPrefix(false);
    const { zoomIn, zoomOut } = place.dataset;
    L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
    map.fitBounds(FRANCE, { animate: false });
    ground(map, place.dataset.tiles);
    const drawn = place.dataset.draw ? letDraw(map, place) : null;
    try {
      const collection = await outlines(place.dataset.source);
      if (place.dataset.only) {
        const only = new Set(JSON.parse(place.dataset.only));
        collection.features = collection.features.filter((feature) => only.has(feature.id));
      }
      const own = Number(place.dataset.own);
      const looks = looksOf(place);
      const { free } = place.dataset;
      const around = shapes(collection, looks, free, (feature) => feature.id === own).addTo(map);
      if (drawn?.getLayers().length) fit(map, drawn);
      else arrange(map, around);
    } catch {
      const line = document.createElement("p");
      line.className = "map-failed";
      line.textContent = place.dataset.failed;
      place.append(line);
      if (drawn) fit(map, drawn);
    }
    place.dataset.ready = "";
  }

  if (L) document.querySelectorAll("[data-map]").forEach(show);
})();
