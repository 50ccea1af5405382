// SPDX-License-Identifier: GPL-3.0-or-later
// Loads the description with the key of the box, and sends that key with every call that is tried out.
(function () {
  'use strict';

  var place = document.getElementById('swagger-ui');
  var box = document.getElementById('input_apiKey');
  var state = document.getElementById('explore_state');
  var key = '';

  function show(description) {
    var paths = Object.keys(description.paths).length;
    state.textContent = paths + (paths === 1 ? ' path' : ' paths');
    window.SwaggerUIBundle({
      domNode: place,
      spec: description,
      validatorUrl: null,
      docExpansion: 'none',
      requestInterceptor: function (request) {
        if (key) {
          request.headers.DOLAPIKEY = key;
        }
        return request;
      }
    });
  }

  function load() {
    var headers = { Accept: 'application/json' };
    if (key) {
      headers.DOLAPIKEY = key;
    }
    state.textContent = '…';
    fetch(place.dataset.description, { headers: headers })
      .then(function (answer) {
        if (!answer.ok) {
          throw new Error('HTTP ' + answer.status);
        }
        return answer.json();
      })
      .then(show)
      .catch(function (error) {
        state.textContent = 'The description could not be loaded: ' + error.message;
      });
  }

  document.getElementById('api_selector').addEventListener('submit', function (event) {
    event.preventDefault();
    key = box.value.trim();
    load();
  });
  load();
}());
